import { RemovalPolicy } from "aws-cdk-lib";
import type { Alarm, MetricOptions, IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { AttributeType, Billing, type ITable, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import {
  inspectActions,
  partitionKey,
  redriveActions,
  runtimeActions,
  sortKey,
  tableNameVariable,
  timeToLiveAttribute,
} from "../src/dynamodb/table.ts";
import { checkPlace, checkRetention, setEnvironment } from "./environment.ts";
import { refuse } from "./findings.ts";
import { functionBehind } from "./handler-facts.ts";
import { addTableAlarms, type TableAlarmOptions } from "./table-alarms.ts";
import { checkTable } from "./table-checks.ts";
import { checkTableProps } from "./table-limits.ts";
import * as metrics from "./table-metrics.ts";
import type { BindOptions, IdempotencyTableAttributes, IdempotencyTableProps } from "./table-props.ts";

// What the table's own grants give for its key: DynamoDB uses it in the name of whoever calls.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
const keyReadActions = ["kms:Decrypt", "kms:DescribeKey"] as const;
const keyWriteActions = [...keyReadActions, "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"] as const;

/**
 * The table of `lambda-once`: on demand, TTL, point-in-time recovery, protected from deletion and kept when its stack goes.
 *
 * @throws Error for props that contradict each other, with the property's path.
 */
export class IdempotencyTable extends Construct {
  static fromTableName(scope: Construct, id: string, tableName: string): IdempotencyTable {
    return IdempotencyTable.fromTableAttributes(scope, id, { tableName });
  }

  static fromTableArn(scope: Construct, id: string, tableArn: string): IdempotencyTable {
    return IdempotencyTable.fromTableAttributes(scope, id, { tableArn });
  }

  /** A table that exists already. Nobody can check its keys and its TTL here. */
  static fromTableAttributes(scope: Construct, id: string, attributes: IdempotencyTableAttributes): IdempotencyTable {
    return new IdempotencyTable(scope, id, { table: TableV2.fromTableAttributes(scope, `${id}Imported`, attributes) });
  }

  /** The table itself. */
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: IdempotencyTableProps = {}) {
    super(scope, id);
    checkTableProps(this, props);
    this.table = props.table ?? createTable(this, props);
    checkTable(this, this.table);
  }

  /** What a handler does to the table: `PutItem`, `UpdateItem`, `GetItem` and `BatchGetItem`, and nothing else. */
  grantClaims(grantee: IGrantable): Grant {
    return this.grant(grantee, runtimeActions, keyWriteActions);
  }

  /** What looking at records needs: `GetItem`, `BatchGetItem` and `Scan`. */
  grantInspect(grantee: IGrantable): Grant {
    return this.grant(grantee, inspectActions, keyReadActions);
  }

  /** What a redrive does to the table: `GetItem`, `PutItem` and `UpdateItem`. The queues have grants of their own. */
  grantRedrive(grantee: IGrantable): Grant {
    return this.grant(grantee, redriveActions, keyWriteActions);
  }

  /**
   * Sets the environment that `lambda-once` reads, and grants what it does.
   *
   * @throws Error where the function has one of the variables already, with another value, and for an imported function.
   */
  bind(fn: Function, { retention }: BindOptions = {}): void {
    const behind = functionBehind(fn);
    if (behind === undefined)
      refuse(this, "fn", fn, `its environment cannot be set here; set ${tableNameVariable} where it is made, and use grantClaims`);
    checkRetention(this, retention);
    checkPlace(this, this.table, behind);
    setEnvironment(behind, { tableName: this.table.tableName, retention });
    this.grantClaims(fn);
  }

  /** Alarms of the table: throttled requests, errors of DynamoDB, and on demand a TTL that has stopped. Call it once. */
  addAlarms(options: TableAlarmOptions = {}): Alarm[] {
    return addTableAlarms(this, this.table, options);
  }

  /** Any metric of the table, by its name at CloudWatch. Default: the sum over 5 minutes. */
  metric(name: string, options?: MetricOptions): IMetric {
    return metrics.named(this.table, name, options);
  }

  /** Requests of the runtime that were throttled. */
  metricThrottledRequests(options?: MetricOptions): IMetric {
    return metrics.throttledRequests(this.table, options);
  }

  /** Requests of the runtime that DynamoDB failed to serve. */
  metricSystemErrors(options?: MetricOptions): IMetric {
    return metrics.systemErrors(this.table, options);
  }

  /** Refused conditions: each duplicate is one. */
  metricConditionalCheckFailedRequests(options?: MetricOptions): IMetric {
    return metrics.named(this.table, "ConditionalCheckFailedRequests", options);
  }

  /** Records that TTL has deleted. */
  metricTimeToLiveDeletedItems(options?: MetricOptions): IMetric {
    return metrics.named(this.table, "TimeToLiveDeletedItemCount", options);
  }

  // Not the table's own grants: they grant more (indexes), and an imported table's may grant less.
  private grant(grantee: IGrantable, actions: readonly string[], keyActions: readonly string[]): Grant {
    const grant = Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [this.table.tableArn] });
    const { encryptionKey } = this.table;
    return encryptionKey === undefined ? grant : grant.combine(encryptionKey.grant(grantee, ...keyActions));
  }
}

function createTable(scope: Construct, props: IdempotencyTableProps): ITable {
  const { removalPolicy = RemovalPolicy.RETAIN, encryptionKey, pointInTimeRecovery = true } = props;
  const { deletionProtection = removalPolicy !== RemovalPolicy.DESTROY } = props;
  const table = new TableV2(scope, "Table", {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    timeToLiveAttribute,
    billing: Billing.onDemand({
      ...(props.maxReadRequestUnits !== undefined && { maxReadRequestUnits: props.maxReadRequestUnits }),
      ...(props.maxWriteRequestUnits !== undefined && { maxWriteRequestUnits: props.maxWriteRequestUnits }),
    }),
    ...(props.tableName !== undefined && { tableName: props.tableName }),
    ...(encryptionKey !== undefined && { encryption: TableEncryptionV2.customerManagedKey(encryptionKey) }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    deletionProtection,
    removalPolicy,
  });
  // Its stream ARN may be undefined, where the interface says that it may be missing.
  return table as ITable;
}

import { type Duration, RemovalPolicy } from "aws-cdk-lib";
import type { Alarm, MetricOptions, IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { AttributeType, Billing, type ITable, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { inspectActions, partitionKey, redriveActions, runtimeActions, sortKey, timeToLiveAttribute } from "../src/dynamodb/table.ts";
import { setEnvironment } from "./environment.ts";
import { refuse, warn } from "./findings.ts";
import { checkOwnTable, warnOfRecovery } from "./own-table.ts";
import { addTableAlarms, type TableAlarmOptions } from "./table-alarms.ts";
import * as metrics from "./table-metrics.ts";

/** How the table is made. Nothing of it may be given together with `table`. */
export interface IdempotencyTableProps {
  /**
   * A table of your own, with the partition key `pk` and the sort key `sk` (strings) and the TTL attribute `expiresAt`: the way to replicas,
   * contributor insights, warm throughput. Its settings are checked, not changed.
   *
   * @default - a table is created
   */
  readonly table?: ITable;
  /**
   * Its physical name.
   *
   * @default - CloudFormation names it
   */
  readonly tableName?: string;
  /**
   * A customer managed key of KMS. It costs a request to KMS now and then, and every grant of this construct includes it.
   *
   * @default - the key that DynamoDB owns, which is free
   */
  readonly encryptionKey?: IKey;
  /**
   * Point-in-time recovery, which is paid by the size of the table.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;
  /**
   * Whether a delete of the table is refused.
   *
   * @default true, and false with `RemovalPolicy.DESTROY`
   */
  readonly deletionProtection?: boolean;
  /**
   * What becomes of the table when it leaves the stack. Without its records, whatever is delivered again runs again.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * A ceiling of read request units per second. What is above it is throttled, and the deliveries concerned fail.
   *
   * @default - none
   */
  readonly maxReadRequestUnits?: number;
  /**
   * A ceiling of write request units per second, as above.
   *
   * @default - none
   */
  readonly maxWriteRequestUnits?: number;
}

/** What `IdempotencyTable.fromTableAttributes` is told; one of name and ARN. */
export interface IdempotencyTableAttributes {
  readonly tableName?: string;
  readonly tableArn?: string;
  /** The key that encrypts the table, for the grants. */
  readonly encryptionKey?: IKey;
}

/** What a function is told beside the table's name. */
export interface BindOptions {
  /**
   * How long a record answers duplicates, in whole seconds, where the code does not say it (`retentionSeconds`).
   * Where two callers bind one function, the longer one holds.
   *
   * @default - the function's own: 1 day, and 19 days for `idempotentSqs`
   */
  readonly retention?: Duration;
}

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
    this.table = props.table === undefined ? createTable(this, props) : adoptTable(this, props.table, props);
  }

  /** What a handler does to the table: `PutItem`, `UpdateItem`, `GetItem` and `BatchGetItem`, and nothing else. */
  grantClaims(grantee: IGrantable): Grant {
    this.table.encryptionKey?.grantEncryptDecrypt(grantee);
    return this.grant(grantee, runtimeActions);
  }

  /** What looking at records needs: `GetItem`, `BatchGetItem` and `Scan`. */
  grantInspect(grantee: IGrantable): Grant {
    this.table.encryptionKey?.grantDecrypt(grantee);
    return this.grant(grantee, inspectActions);
  }

  /** What a redrive does to the table: `GetItem`, `PutItem` and `UpdateItem`. The queues have grants of their own. */
  grantRedrive(grantee: IGrantable): Grant {
    this.table.encryptionKey?.grantEncryptDecrypt(grantee);
    return this.grant(grantee, redriveActions);
  }

  /**
   * Sets the environment that `lambda-once` reads, and grants what it does.
   *
   * @throws Error where the function has one of the variables already, with another value.
   */
  bind(fn: Function, options: BindOptions = {}): void {
    setEnvironment(fn, { tableName: this.table.tableName, retention: options.retention });
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
  private grant(grantee: IGrantable, actions: readonly string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [this.table.tableArn] });
  }
}

function createTable(scope: Construct, props: IdempotencyTableProps): ITable {
  const { removalPolicy = RemovalPolicy.RETAIN, encryptionKey, pointInTimeRecovery = true } = props;
  const isDestroyed = removalPolicy === RemovalPolicy.DESTROY;
  const { deletionProtection = !isDestroyed } = props;
  if (isDestroyed && deletionProtection)
    refuse(scope, "deletionProtection", true, "with removalPolicy DESTROY the stack could not be deleted; leave one of them out");
  if (isDestroyed)
    warn(scope, {
      id: "lambda-once:table-destroyed",
      message:
        "removalPolicy is DESTROY, so that all records go with the stack; it should be RETAIN where a second run costs something: what is delivered again after that runs again.",
      context: { removalPolicy },
    });
  if (!pointInTimeRecovery) warnOfRecovery(scope, "pointInTimeRecovery is off");
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

function adoptTable(scope: Construct, table: ITable, { table: _, ...others }: IdempotencyTableProps): ITable {
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) refuse(scope, name, value, "a table of your own has its own settings; leave this out, or leave out table");
  checkOwnTable(scope, table);
  return table;
}

import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Names } from "./names.ts";

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
   * The stack has to have a region (`env`).
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

export const tablePropNames: Names<IdempotencyTableProps> = {
  table: true,
  tableName: true,
  encryptionKey: true,
  pointInTimeRecovery: true,
  deletionProtection: true,
  removalPolicy: true,
  maxReadRequestUnits: true,
  maxWriteRequestUnits: true,
};

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

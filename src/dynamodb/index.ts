export { dynamodbStore, type DynamodbStoreOptions } from "./store.ts";

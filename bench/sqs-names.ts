// The consumers of a queue that are compared, by name: apart from their code, which whoever only names them does not load.
/** Ours by `messageId`, as the peer is; ours by its default key, where a message has no other than that; by its producer's key. */
export const ourConsumers = ["messageId", "default", "attribute"] as const;
export const consumerNames = [...ourConsumers, "peer"] as const;
export type OurConsumer = (typeof ourConsumers)[number];
export type ConsumerName = (typeof consumerNames)[number];

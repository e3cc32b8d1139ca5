import { z } from "zod";

/** What goes from the API to the consumer. */
export const Order = z.object({ orderId: z.string().min(1), item: z.string().min(1), quantity: z.number().int().positive() });
export type Order = z.infer<typeof Order>;

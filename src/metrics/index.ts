export { emfMetrics, type EmfOptions } from "./emf.ts";

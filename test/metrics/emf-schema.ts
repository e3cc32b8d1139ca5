// What a line of CloudWatch's Embedded Metric Format has to be, as a JSON schema:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const nameOf = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });

const definition = {
  type: "object",
  required: ["Name"],
  properties: { Name: nameOf(1024), Unit: { type: "string" }, StorageResolution: { enum: [1, 60] } },
};

const directive = {
  type: "object",
  required: ["Namespace", "Dimensions", "Metrics"],
  properties: {
    Namespace: nameOf(1024),
    Dimensions: { type: "array", minItems: 1, items: { type: "array", maxItems: 30, items: nameOf(250) } },
    Metrics: { type: "array", maxItems: 100, items: definition },
  },
};

export const emfSchema = {
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: { Timestamp: { type: "integer" }, CloudWatchMetrics: { type: "array", items: directive } },
    },
  },
} as const;

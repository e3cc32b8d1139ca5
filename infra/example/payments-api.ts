// POST /payments: an HTTP API whose callers sign their requests.
import { CfnOutput, Duration, RemovalPolicy } from "aws-cdk-lib";
import { CorsHttpMethod, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

export interface PaymentsApiProps {
  readonly handler: IFunction;
  /** The origin of the pages that may call it, as `https://shop.example.com`. */
  readonly allowedOrigin: string;
}

export class PaymentsApi extends Construct {
  constructor(scope: Construct, id: string, { handler, allowedOrigin }: PaymentsApiProps) {
    super(scope, id);
    const api = new HttpApi(this, "Api", {
      createDefaultStage: false,
      // Who calls is a part of the key: nobody gets the answer of somebody else's request.
      defaultAuthorizer: new HttpIamAuthorizer(),
      corsPreflight: {
        allowOrigins: [allowedOrigin],
        allowMethods: [CorsHttpMethod.POST],
        allowHeaders: ["authorization", "content-type", "idempotency-key", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"],
        exposeHeaders: [
          "idempotency-key",
          "idempotency-original-request",
          "idempotency-status",
          "idempotent-replayed",
          "link",
          "retry-after",
        ],
        maxAge: Duration.hours(1),
      },
    });
    api.addRoutes({ path: "/payments", methods: [HttpMethod.POST], integration: new HttpLambdaIntegration("Payments", handler) });
    const logGroup = new LogGroup(this, "AccessLog", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const stage = new HttpStage(this, "Stage", {
      httpApi: api,
      autoDeploy: true,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup) },
      // In front of everything that costs something.
      throttle: { rateLimit: 100, burstLimit: 200 },
    });
    new CfnOutput(this, "Url", { value: `${stage.url}payments`, description: "POST here, signed, with an Idempotency-Key" });
  }
}

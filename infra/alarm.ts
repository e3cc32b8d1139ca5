import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

/** Adds an alarm below the construct. Nothing measured is nothing wrong: most of these metrics are there only when something happens. */
export type AddAlarm = (id: string, props: AlarmProps) => Alarm;

export function alarmsOf(scope: Construct, topic: ITopic | undefined): AddAlarm {
  return (id, props) => {
    const alarm = new Alarm(scope, `${id}Alarm`, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  };
}

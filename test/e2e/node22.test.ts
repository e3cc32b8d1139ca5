import { driveDeployed } from "./app.ts";

driveDeployed("Node 22", { node: 22 });

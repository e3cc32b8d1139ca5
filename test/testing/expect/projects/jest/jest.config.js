// Jest loads ES modules as they are with --experimental-vm-modules, and transforms nothing.
export default { testEnvironment: "node", transform: {} };

/** The names of the registry, each parsed once at the edge: one import for those who need several. */
export * from './asOf.js';
export * from './namespaceName.js';
export * from './reference.js';
export * from './repositoryPath.js';

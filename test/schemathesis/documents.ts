/** As much of an OpenAPI document as is changed here. */
export type Document = {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly [member: string]: unknown;
};

type Parameter = { readonly name: string; readonly in: string; readonly [member: string]: unknown };
type Body = { readonly schema: { readonly properties?: { readonly [name: string]: object } } };
type Operation = {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': Body } };
};

type Values = { readonly [name: string]: string };

/**
 * Those of a document's operations that are to be called.
 *
 * @param values stand in the paths of their operations
 * @param examples are tried in bodies, which would hardly ever be made up so that they succeed
 */
export function documentFor(
  document: Document,
  { values, examples }: { readonly values: Values; readonly examples: Values },
  isCalled: (operation: string, method: string, path: string) => boolean,
): Document {
  const isGiven = (parameter: Parameter): boolean => parameter.in === 'path' && parameter.name in values;
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [path, methods] of Object.entries(document.paths)) {
    const filled = path.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
    for (const [method, operation] of Object.entries(methods)) {
      if (!isCalled(operation.operationId, method, path)) continue;
      const parameters = operation.parameters.filter((parameter) => !isGiven(parameter));
      (paths[filled] ??= {})[method] = { ...withExamples(operation, examples), parameters };
    }
  }
  return { ...document, paths };
}

function withExamples(operation: Operation, examples: Values): Operation {
  const body = operation.requestBody?.content['application/json'];
  if (!body?.schema.properties) return operation;
  const properties = Object.entries(body.schema.properties).map(([name, schema]): [string, object] => [
    name,
    name in examples ? { ...schema, examples: [examples[name]] } : schema,
  ]);
  const schema = { ...body.schema, properties: Object.fromEntries(properties) };
  const content = { 'application/json': { ...body, schema } };
  return { ...operation, requestBody: { ...operation.requestBody, content } };
}

// SPDX-License-Identifier: Apache-2.0
// JSON Pointer (RFC 6901) into a form's data and into its schema.

export type Json = { [name: string]: unknown };

export function pathOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer to a member of what a pointer names. */
export function pointerTo(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function getAt(data: unknown, pointer: string): unknown {
  return pathOf(pointer).reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), data);
}

/** Sets a value, or takes it out where it is undefined; objects that become empty go too. */
export function setAt(data: Json, pointer: string, value: unknown): void {
  const path = pathOf(pointer);
  const last = path.pop()!;
  const parents: [Json, string][] = [];
  let object = data;
  for (const name of path) {
    if (!isObject(object[name])) {
      if (value === undefined) return;
      object[name] = {};
    }
    parents.push([object, name]);
    object = object[name] as Json;
  }
  if (value !== undefined) {
    object[last] = value;
    return;
  }
  delete object[last];
  for (const [parent, name] of parents.reverse()) {
    if (Object.keys(parent[name] as Json).length === 0) delete parent[name];
  }
}

/** The part of a schema that speaks about a place in the data, and whether that place must be filled. */
export function schemaAt(root: Json, pointer: string): { schema: Json; required: boolean } {
  let schema = follow(root, root);
  let required = false;
  for (const name of pathOf(pointer)) {
    required = Array.isArray(schema.required) && schema.required.includes(name);
    schema = follow(root, isObject(schema.properties) && isObject(schema.properties[name]) ? (schema.properties[name] as Json) : {});
  }
  return { schema, required };
}

/** The schema with its local references replaced by what they name. */
export function follow(root: Json, schema: Json): Json {
  let merged = schema;
  for (let depth = 0; typeof merged.$ref === "string" && depth < 16; depth++) {
    const { $ref, ...rest } = merged;
    const named = $ref.startsWith("#/") ? getAt(root, $ref.slice(1)) : undefined;
    merged = { ...(isObject(named) ? named : {}), ...rest };
  }
  return merged;
}

/** What a schema leaves no choice about: const, and default. */
export function fixedValues(root: Json): Json {
  const data: Json = {};
  const visit = (schema: Json, pointer: string, depth: number): void => {
    const { const: fixed, default: preset } = schema;
    if (pointer && (fixed ?? preset) !== undefined && schema.type !== "boolean" && fixed !== true) setAt(data, pointer, fixed ?? preset);
    if (!isObject(schema.properties) || depth > 8) return;
    for (const [name, member] of Object.entries(schema.properties)) {
      if (isObject(member)) visit(follow(root, member), pointerTo(pointer, name), depth + 1);
    }
  };
  visit(follow(root, root), "", 0);
  return data;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// SPDX-License-Identifier: Apache-2.0
// What the if/then rules of a form's schema make of the data as it stands: fields that have become required, fields that have no place.
import { follow, isObject, pointerTo, type Json } from "./pointer.js";

export interface Conditions {
  /** Required by a rule that holds now. */
  required: Set<string>;
  /** Ruled out by a rule that holds now. */
  barred: Set<string>;
  /** Required by some rule and ruled out by another: such a field shows only while its rule holds. */
  conditional: Set<string>;
}

export function conditionsOf(root: Json, data: Json): Conditions {
  const now = { required: new Set<string>(), barred: new Set<string>() };
  const ever = { required: new Set<string>(), barred: new Set<string>() };
  walk(root, root, data, "", now, ever, 0);
  return { ...now, conditional: new Set([...ever.required].filter((pointer) => ever.barred.has(pointer))) };
}

/** Whether this place, or one that holds it, is among these. */
export function covers(places: Set<string>, pointer: string): boolean {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf("/", end - 1)) if (places.has(pointer.slice(0, end))) return true;
  return false;
}

type Demands = { required: Set<string>; barred: Set<string> };

function walk(root: Json, schema: Json, value: unknown, pointer: string, now: Demands, ever: Demands, depth: number): void {
  if (depth > 8) return;
  for (const rule of Array.isArray(schema.allOf) ? [schema, ...schema.allOf] : [schema]) {
    if (!isObject(rule) || !isObject(rule.if)) continue;
    const holds = matches(rule.if, value);
    for (const [branch, applies] of [[rule.then, holds === true], [rule.else, holds === false]] as const) {
      if (!isObject(branch)) continue;
      collect(branch, pointer, ever);
      if (applies) collect(branch, pointer, now);
    }
  }
  if (!isObject(schema.properties)) return;
  for (const [name, member] of Object.entries(schema.properties)) {
    if (isObject(member)) walk(root, follow(root, member), isObject(value) ? value[name] : undefined, pointerTo(pointer, name), now, ever, depth + 1);
  }
}

function collect(branch: Json, pointer: string, demands: Demands): void {
  for (const name of Array.isArray(branch.required) ? branch.required : []) demands.required.add(pointerTo(pointer, name));
  if (!isObject(branch.properties)) return;
  for (const [name, member] of Object.entries(branch.properties)) {
    if (member === false) demands.barred.add(pointerTo(pointer, name));
    else if (isObject(member)) collect(member, pointerTo(pointer, name), demands);
  }
}

/** Whether a value passes the condition of a rule; undefined where the condition says more than this page reads: the agent decides anyway. */
function matches(schema: unknown, value: unknown): boolean | undefined {
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) return undefined;
  let result: boolean | undefined = true;
  for (const [keyword, rule] of Object.entries(schema)) {
    const passed = passes(keyword, rule, value);
    if (passed === false) return false;
    if (passed === undefined) result = undefined;
  }
  return result;
}

function passes(keyword: string, rule: any, value: unknown): boolean | undefined {
  switch (keyword) {
    case "$comment": return true;
    case "const": return rule === value;
    case "enum": return rule.includes(value);
    case "required": return !isObject(value) || rule.every((name: string) => value[name] !== undefined);
    case "properties": {
      if (!isObject(value)) return true;
      const results = Object.entries(rule).filter(([name]) => value[name] !== undefined).map(([name, member]) => matches(member, value[name]));
      return results.includes(false) ? false : results.includes(undefined) ? undefined : true;
    }
    default: return undefined;
  }
}

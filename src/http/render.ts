import { bodyOut } from "./body.ts";
import type { FrontDoor } from "./event.ts";
import type { Values } from "./values.ts";
import type { HttpResponse, HttpResult, Read } from "./response.ts";

/** Writes an answer for a front door. */
export function render({ response, form, statusDescription, names = {} }: Read, frontDoor: FrontDoor): HttpResult {
  const { status, body, isBase64 } = response;
  const { headers, cookies } = headersOf(response, names);
  const given = bodyOut({ text: body, form });
  const shared = {
    statusCode: status,
    ...(given !== undefined && { body: given }),
    isBase64Encoded: isBase64,
  } as HttpResult;
  const described = statusDescription !== undefined && { statusDescription };
  switch (frontDoor) {
    case "v2":
      return { ...shared, headers: joined(headers), ...(cookies.length > 0 && { cookies: [...cookies] }) };
    case "v1": {
      const single = Object.entries(headers).filter(([, values]) => values.length === 1);
      const several = Object.entries(headers).filter(([, values]) => values.length > 1);
      const lists = { ...Object.fromEntries(several), ...(cookies.length > 0 && { "set-cookie": [...cookies] }) };
      return { ...shared, headers: joined(Object.fromEntries(single)), ...(Object.keys(lists).length > 0 && { multiValueHeaders: lists }) };
    }
    case "alb":
      return {
        ...shared,
        ...described,
        headers: joined(cookies.length > 0 ? { ...headers, "set-cookie": cookies.slice(-1) } : headers),
      };
    case "albMulti": {
      const multiValueHeaders = cookies.length > 0 ? { ...headers, "set-cookie": [...cookies] } : { ...headers };
      return { ...shared, ...described, multiValueHeaders };
    }
  }
}

/** A hook may give cookies as a header, and lists that are empty. */
function headersOf({ headers, cookies }: HttpResponse, names: Readonly<Record<string, string>>): Pick<HttpResponse, "headers" | "cookies"> {
  const entries = Object.entries(headers).filter(([, values]) => values.length > 0);
  const others = entries.filter(([name]) => !isCookie(name));
  return {
    headers: Object.fromEntries(others.map(([name, values]) => [Object.hasOwn(names, name) ? (names[name] ?? name) : name, values])),
    cookies: [...cookies, ...entries.filter(([name]) => isCookie(name)).flatMap(([, values]) => values)],
  };
}

function isCookie(name: string): boolean {
  return name.toLowerCase() === "set-cookie";
}

function joined(headers: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(", ")]));
}

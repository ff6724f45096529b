import { ENDPOINTS } from './endpoints/all.ts'

/** The methods that exist at a path, for the answer to one that does not. */
export function methodsAt(path: string): string[] {
  return ENDPOINTS.filter((endpoint) => patternOf(endpoint.path).test(path)).map((endpoint) => endpoint.method)
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`)
}

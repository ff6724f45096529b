/**
 * Named points at which a test ends the process without any warning, as a power cut would. `createFailpoints` is given what the
 * configuration allows, which outside tests is nothing: then every point costs one comparison with an empty map.
 */
export interface Failpoints {
  reach(name: string): void
}

export const NO_FAILPOINTS: Failpoints = { reach: () => {} }

/** `spec`: 'after_dot' or 'after_dot:3' (the third time it is reached), several separated by commas. */
export function createFailpoints(spec: string, kill: () => void): Failpoints {
  const left = new Map<string, number>()
  for (const part of spec.split(',')) {
    const [name = '', times = '1'] = part.trim().split(':')
    if (name) left.set(name, Number(times))
  }
  if (left.size === 0) return NO_FAILPOINTS
  return {
    reach(name) {
      const count = left.get(name)
      if (count === undefined) return
      if (count <= 1) kill()
      else left.set(name, count - 1)
    },
  }
}

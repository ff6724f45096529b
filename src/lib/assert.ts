/** Stops at once where the program's own reasoning is wrong. Never used on input: input is refused with a `Refusal`. */
export function assert(condition: unknown, message = 'an assumption of the program does not hold'): asserts condition {
  if (!condition) throw new AssertionFault(message)
}

/** Ends an exhaustive switch: the compiler refuses it while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionFault(`unexpected value ${JSON.stringify(value)}`)
}

export class AssertionFault extends Error {
  override readonly name = 'AssertionFault'
}

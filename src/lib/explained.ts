/**
 * Something that stopped Waybill, or a command, for a reason a person can act on. Its message is the whole story in sentences, so it is
 * printed without a stack. Requests use `Refusal` (errors.ts) instead; bugs stay ordinary errors and keep their stack.
 */
export class Explained extends Error {
  override readonly name: string = 'Explained'
}

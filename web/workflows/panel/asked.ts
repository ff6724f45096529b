/** How often a step was opened to be edited, and at which of its fields; null: at the first. */
export interface Asked {
  readonly times: number
  readonly field: string | null
}

/** A mailbox of the workspace's own people, where tests go. */
export interface Seed {
  readonly address: string
  readonly name: string
}

export const MAX_SEEDS = 30

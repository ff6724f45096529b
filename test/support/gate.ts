/** A door that a test opens when it likes: what waits behind it waits for a signal, never for time. */
export interface Gate {
  readonly opened: Promise<void>
  /** Resolves when somebody waits at the gate. */
  readonly reached: Promise<void>
  arrive(): Promise<void>
  open(): void
}

export function gate(): Gate {
  const opening = Promise.withResolvers<void>()
  const reaching = Promise.withResolvers<void>()
  return {
    opened: opening.promise,
    reached: reaching.promise,
    arrive: () => {
      reaching.resolve()
      return opening.promise
    },
    open: () => opening.resolve(),
  }
}

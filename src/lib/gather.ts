/** What is asked for at the same time is done together: what comes while a batch is under way waits for it, and is the next one. */
export interface Gathering<In, Out> {
  /** Answers in the order of what was asked. */
  readonly work: (asked: readonly In[]) => Promise<readonly Out[]>
  /** Only what is of one group is done together, and waits for one another. */
  readonly groupOf?: (asked: In) => string
  /** At a time; the rest is in the batch after. Who asks says how much may wait. */
  readonly most: number
  /** The fault of one of them, and nothing was done: then each is done alone. Everything else is told to all. */
  readonly mayBeOfOne?: (error: unknown) => boolean
}

interface Asked<In, Out> {
  readonly asked: In
  readonly settled: PromiseWithResolvers<Out>
}

export function createGatherer<In, Out>({ work, groupOf = () => '', most, mayBeOfOne = () => false }: Gathering<In, Out>) {
  const groups = new Map<string, Asked<In, Out>[]>()

  async function doAll(group: string, waiting: Asked<In, Out>[]): Promise<void> {
    while (waiting.length > 0) await doBatch(waiting.splice(0, most))
    groups.delete(group)
  }

  async function doBatch(batch: readonly Asked<In, Out>[]): Promise<void> {
    try {
      const answers = await work(batch.map(({ asked }) => asked))
      for (const [nth, { settled }] of batch.entries()) settled.resolve(answers[nth] as Out)
    } catch (error) {
      if (batch.length > 1 && mayBeOfOne(error)) for (const one of batch) await doBatch([one])
      else for (const { settled } of batch) settled.reject(error)
    }
  }

  return (asked: In): Promise<Out> => {
    const settled = Promise.withResolvers<Out>()
    const group = groupOf(asked)
    const waiting = groups.get(group)
    if (waiting) waiting.push({ asked, settled })
    else {
      const first = [{ asked, settled }]
      groups.set(group, first)
      // What other connections brought in the same moment comes along.
      setImmediate(() => void doAll(group, first))
    }
    return settled.promise
  }
}

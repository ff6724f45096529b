import { createMailParser } from '../mail/mail-parser.ts'
import { createInboundWorker, type InboundWorker, type InboundWorkerDeps } from './worker.ts'

/** Everything that takes mail in: one for the process. */
export function createInbound(deps: Omit<InboundWorkerDeps, 'parser'>): InboundWorker {
  const parser = createMailParser()
  const worker = createInboundWorker({ ...deps, parser })
  return {
    ...worker,
    async stop() {
      await worker.stop()
      await parser.close()
    },
  }
}

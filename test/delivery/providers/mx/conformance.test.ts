import { mxWorld } from '../../../support/mx-world.ts'
import { ALL_EXTENSIONS } from '../../../support/smtp-script.ts'
import { conformsToProvider, type ProviderWorld } from '../conformance.ts'

async function worldWith(extensions: readonly string[]): Promise<ProviderWorld> {
  const world = await mxWorld({ servers: { 'mx1.test': { extensions }, 'mx2.test': { extensions } } })
  return {
    provider: world.provider,
    received: async () => world.server('mx1.test').messages,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

conformsToProvider('mx with PIPELINING', () => worldWith(ALL_EXTENSIONS))
conformsToProvider('mx with CHUNKING', () => worldWith([...ALL_EXTENSIONS, 'CHUNKING']))
conformsToProvider('mx, one command at a time', () => worldWith(['8BITMIME']))

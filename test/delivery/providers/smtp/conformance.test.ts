import { providerTo } from '../../../support/smtp-route.ts'
import { ALL_EXTENSIONS } from '../../../support/smtp-script.ts'
import { smtpServer } from '../../../support/smtp-server.ts'
import { conformsToProvider, type ProviderWorld } from '../conformance.ts'

async function worldWith(extensions: readonly string[]): Promise<ProviderWorld> {
  const server = await smtpServer({ extensions })
  const provider = providerTo(server)
  return {
    provider,
    received: async () => server.messages,
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]()
      await server.close()
    },
  }
}

conformsToProvider('smtp with PIPELINING', () => worldWith(ALL_EXTENSIONS))
conformsToProvider('smtp with CHUNKING', () => worldWith([...ALL_EXTENSIONS, 'CHUNKING']))
conformsToProvider('smtp, one command at a time', () => worldWith(['8BITMIME']))

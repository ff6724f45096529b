import { SesServer, sesProviderTo } from '../../../support/ses-server.ts'
import { conformsToProvider } from '../conformance.ts'

conformsToProvider(
  'ses',
  async () => {
    const server = await new SesServer().listen()
    const provider = sesProviderTo(server)
    return {
      provider,
      received: async () =>
        server.mails.map(({ recipient, from, content }) => ({ sender: from, recipients: [recipient], content })),
      async [Symbol.asyncDispose]() {
        await provider[Symbol.asyncDispose]()
        await server.close()
      },
    }
  },
  { nullSender: 'refused', content: 'seven bits' },
)

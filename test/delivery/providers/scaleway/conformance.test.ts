import { ScalewayServer, scalewayProviderTo } from '../../../support/scaleway-server.ts'
import { conformsToProvider } from '../conformance.ts'

conformsToProvider(
  'scaleway',
  async () => {
    const server = await new ScalewayServer().listen()
    const provider = scalewayProviderTo(server)
    return {
      provider,
      received: async () =>
        server.mails.map(({ from, to, cc, bcc, text }) => ({
          sender: from.email,
          recipients: [...to, ...cc, ...bcc].map(({ email }) => email),
          content: text ?? '',
        })),
      async [Symbol.asyncDispose]() {
        await provider[Symbol.asyncDispose]()
        await server.close()
      },
    }
  },
  { nullSender: 'refused', content: 'fields' },
)

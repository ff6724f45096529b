import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from './api.ts'
import { meQuery } from './me.ts'
import { createQueryClient } from './query.ts'
import { createAppRouter } from './router.tsx'
import { theme } from './theme.ts'
import { AskProvider } from './ui/ask.tsx'
import { LiveRegion } from './ui/live-region.tsx'
import { Toasts } from './ui/toasts.tsx'

export function App() {
  const [{ client, router }] = useState(createApp)
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <AskProvider>
          <RouterProvider router={router} />
          <Toasts />
          <LiveRegion />
        </AskProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}

function createApp() {
  const toSignIn = (error: unknown) => {
    if (!(error instanceof Problem) || error.status !== 401) return
    // Only a session that was there can end; who comes without one is led by the router.
    if (client.getQueryData(meQuery.queryKey) === undefined) return
    const { pathname, href } = router.state.location
    if (pathname === '/sign-in') return
    client.clear()
    void router.navigate({ to: '/sign-in', search: { next: href, ended: true } })
  }
  const client: QueryClient = createQueryClient(new QueryCache({ onError: toSignIn }), new MutationCache({ onError: toSignIn }))
  const router = createAppRouter(client)
  return { client, router }
}

import type { ServerDeps } from '../deps.ts'
import type { Live } from '../live.ts'
import type { Route } from '../route.ts'
import { accountRoutes } from './account.ts'
import { deliveryRoutes } from './deliveries.ts'
import { doctorRoutes } from './doctor.ts'
import { createExamine } from './examine.ts'
import { keyRoutes } from './keys.ts'
import { liveRoutes } from './live.ts'
import { memberRoutes } from './members.ts'
import { messageRoutes } from './messages.ts'
import { routeRoutes } from './routes.ts'
import { suppressionRoutes } from './suppressions.ts'

/** Every endpoint with its handler. */
export function routesOf(deps: ServerDeps, live: Live): readonly Route[] {
  const examine = createExamine(deps)
  return [
    ...messageRoutes(deps),
    ...deliveryRoutes(deps),
    ...routeRoutes(deps, examine),
    ...doctorRoutes(examine),
    ...suppressionRoutes(),
    ...liveRoutes(live),
    ...keyRoutes(),
    ...memberRoutes(deps),
    ...accountRoutes(deps),
  ]
}

import { keepQuiet, listCollisions as list, type ShownCollision, tellAgain } from '../../helpdesk/collisions/collisions.ts'
import { type Collision, listCollisions, quietCollision, tellCollision } from '../endpoints/collisions.ts'
import { type Route, route } from '../route.ts'

export function collisionRoutes(): Route[] {
  return [
    route(listCollisions, async ({ tx, actor }) => ({ items: (await list(tx, actor.workspaceId)).map(toCollision), next: null })),
    route(quietCollision, async ({ tx, body, actor, now }) => toCollision(await keepQuiet(tx, body.address, actor, now))),
    route(tellCollision, async ({ tx, body, actor, now }) => toCollision(await tellAgain(tx, body.address, actor, now))),
  ]
}

function toCollision({ address, uses, effects, knownSince }: ShownCollision): Collision {
  return {
    address,
    uses: uses.map(({ role, id, name }) => ({ role, id, name })),
    effects: effects.map((effect) => ({ ...effect })),
    known_since: knownSince,
  }
}

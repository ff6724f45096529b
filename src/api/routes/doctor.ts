import { checkConnection, type DoctorReport } from '../endpoints/doctor.ts'
import { type Route, route } from '../route.ts'
import { toFingerprint } from '../wire/routes.ts'
import type { Examine } from './examine.ts'

export function doctorRoutes(examine: Examine): Route[] {
  return [
    route(checkConnection, async ({ body, signal }): Promise<DoctorReport> => {
      const { certificate_fingerprint, ...input } = body
      return await examine(
        { ...input, ...(certificate_fingerprint && { certificate_fingerprint: toFingerprint(certificate_fingerprint) }) },
        signal,
      )
    }),
  ]
}

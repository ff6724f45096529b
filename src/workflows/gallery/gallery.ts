/** Workflows to begin with, in the order in which they are shown. */
import { approval } from './approval.ts'
import { bounces, digest, sunset, welcome } from './audience.ts'
import { chase, invoice } from './chase.ts'
import { csat, firstResponse, outOfOffice, vip } from './desk.ts'
import type { Template } from './template.ts'

export const GALLERY: readonly Template[] = [
  firstResponse,
  chase,
  csat,
  vip,
  outOfOffice,
  welcome,
  sunset,
  digest,
  bounces,
  invoice,
  approval,
]

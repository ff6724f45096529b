/** The settings of routes that are no mail servers, as they are being written in a form. Pure. */
import type { RouteBody, RouteChangeBody, Route as RouteReply } from '../../src/api/endpoints/routes.ts'
import { t } from '../texts/texts.ts'

export type FormKind = 'mx' | 'ses' | 'scaleway'
export type FormRoute = Extract<RouteReply, { kind: FormKind }>

/** How a setting is written. `secret`: null keeps what the server has. `lines`: one a line. */
interface Field {
  readonly key: string
  readonly as: 'text' | 'secret' | 'number' | 'switch' | 'lines'
  readonly start: string | number | boolean | null
  readonly isNeeded?: boolean
  /** Under "More settings". */
  readonly isExtra?: boolean
  readonly example?: string
  readonly max?: number
}

export const FIELDS: Readonly<Record<FormKind, readonly Field[]>> = {
  mx: [
    { key: 'helo_name', as: 'text', start: '', example: 'mail.example.com' },
    { key: 'source_addresses', as: 'lines', start: '' },
    { key: 'port', as: 'number', start: 25, isExtra: true, max: 65_535 },
    { key: 'allow_private', as: 'switch', start: false, isExtra: true },
  ],
  ses: [
    { key: 'region', as: 'text', start: '', isNeeded: true, example: 'eu-west-1' },
    { key: 'access_key_id', as: 'text', start: '', isNeeded: true, example: 'AKIA…' },
    { key: 'secret_access_key', as: 'secret', start: null, isNeeded: true },
    { key: 'configuration_set', as: 'text', start: '' },
    { key: 'max_connections', as: 'number', start: 10, isExtra: true, max: 100 },
    { key: 'endpoint', as: 'text', start: '', isExtra: true, example: 'https://email.eu-west-1.amazonaws.com' },
    { key: 'allow_private', as: 'switch', start: false, isExtra: true },
  ],
  scaleway: [
    { key: 'project_id', as: 'text', start: '', isNeeded: true, example: '00000000-0000-4000-8000-000000000000' },
    { key: 'secret_key', as: 'secret', start: null, isNeeded: true },
    { key: 'region', as: 'text', start: 'fr-par', isNeeded: true },
    { key: 'max_connections', as: 'number', start: 10, isExtra: true, max: 100 },
    {
      key: 'endpoint',
      as: 'text',
      start: '',
      isExtra: true,
      example: 'https://api.scaleway.com/transactional-email/v1alpha1/regions/fr-par',
    },
    { key: 'allow_private', as: 'switch', start: false, isExtra: true },
  ],
}

export interface SettingsDraft {
  readonly name: string
  readonly values: Readonly<Record<string, string | number | boolean | null>>
}

export function emptySettings(kind: FormKind): SettingsDraft {
  return { name: '', values: Object.fromEntries(FIELDS[kind].map(({ key, start }) => [key, start])) }
}

export function settingsDraftOf(route: FormRoute): SettingsDraft {
  const saved = route.settings as Readonly<Record<string, unknown>>
  const values = FIELDS[route.kind].map(({ key, as, start }) => {
    const value = saved[key]
    if (as === 'secret') return [key, null] as const
    if (as === 'lines') return [key, Array.isArray(value) ? value.join('\n') : ''] as const
    return [key, (value as string | number | boolean | null | undefined) ?? (as === 'text' ? '' : start)] as const
  })
  return { name: route.name, values: Object.fromEntries(values) }
}

export function isDraftChanged(draft: SettingsDraft, saved: SettingsDraft): boolean {
  return draft.name !== saved.name || Object.keys(draft.values).some((key) => draft.values[key] !== saved.values[key])
}

/** What the form says, as the server takes it. A secret that was not typed is left out, and so kept. */
function bodyOf(kind: FormKind, { values }: SettingsDraft): Record<string, unknown> {
  const entries = FIELDS[kind].flatMap(({ key, as, isNeeded }): (readonly [string, unknown])[] => {
    const value = values[key] ?? null
    if (as === 'secret') return value === null ? [] : [[key, value === '' ? null : value]]
    if (as === 'lines')
      return [
        [
          key,
          String(value ?? '')
            .split(/[\s,]+/)
            .filter(Boolean),
        ] as const,
      ]
    if (as !== 'text') return [[key, value] as const]
    const text = String(value ?? '').trim()
    return [[key, text === '' && !isNeeded ? null : text] as const]
  })
  return Object.fromEntries(entries)
}

export function newRouteBody(kind: FormKind, draft: SettingsDraft, isDefault: boolean): RouteBody {
  const name = draft.name.trim() || t.routeKinds[kind].name
  return { kind, name, is_default: isDefault, settings: bodyOf(kind, draft) } as RouteBody
}

export function changedRouteBody(kind: FormKind, draft: SettingsDraft): RouteChangeBody {
  return { name: draft.name.trim(), settings: bodyOf(kind, draft) } as RouteChangeBody
}

export function pointersOf(kind: FormKind): string[] {
  return ['/name', ...FIELDS[kind].map(({ key }) => `/settings/${key}`)]
}

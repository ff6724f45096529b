import type { Contact as ContactNoun } from '../../contacts/contact.ts'
import type { ContactChange } from '../../contacts/contacts.ts'
import type { membershipsOf, timelineOf } from '../../contacts/timeline.ts'
import type * as endpoints from '../endpoints/contacts.ts'

export function toContact(contact: ContactNoun): endpoints.Contact {
  const {
    id,
    name,
    firstName,
    lastName,
    externalId,
    language,
    timeZone,
    tags,
    data,
    company,
    jobTitle,
    phones,
    note,
    addresses,
    mergedInto,
    createdAt,
    updatedAt,
  } = contact
  return {
    id,
    name,
    first_name: firstName,
    last_name: lastName,
    external_id: externalId,
    language,
    time_zone: timeZone,
    tags: [...tags],
    data: toData(data),
    company,
    job_title: jobTitle,
    phones: [...phones],
    note,
    addresses: [...addresses],
    merged_into: mergedInto,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

export function toShortContact({ id, name, company, addresses }: ContactNoun) {
  return { id, name, company, address: addresses[0] ?? null }
}

function toData(data: ContactNoun['data']): endpoints.Contact['data'] {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === 'object' ? [...value] : value]))
}

export function toMembership(member: Awaited<ReturnType<typeof membershipsOf>>[number]) {
  const { listId, list, optIn, status, source, since } = member
  return { list_id: listId, list, opt_in: optIn, status, source, since }
}

export function toTimelineEntry(entry: Awaited<ReturnType<typeof timelineOf>>[number]): endpoints.TimelineEntry {
  if (entry.kind !== 'consent') {
    const { kind, at, address, subjectId, campaignId } = entry
    return { kind, at, address, subject_id: subjectId, campaign_id: campaignId }
  }
  const { kind, at, listId, list, was, became, address, source, sourceId, actor, isOverride, wording, ip } = entry
  return {
    kind,
    at,
    list_id: listId,
    list,
    was,
    became,
    address,
    source,
    source_id: sourceId,
    actor,
    is_override: isOverride,
    wording,
    ip,
  }
}

export function fromContactBody(body: endpoints.ContactBody): ContactChange {
  const { job_title: jobTitle, take_addresses: takeAddresses, first_name: firstName, last_name: lastName, ...more } = body
  const { external_id: externalId, time_zone: timeZone, ...rest } = more
  return Object.fromEntries(
    Object.entries({ ...rest, jobTitle, takeAddresses, firstName, lastName, externalId, timeZone }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as ContactChange
}

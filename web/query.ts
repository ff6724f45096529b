/** Server state lives in TanStack Query only. A key is the endpoint's path and its parameters, so live events know what to ask for again. */
import {
  keepPreviousData,
  type MutationCache,
  type QueryCache,
  QueryClient,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Endpoint } from '../src/api/endpoint.ts'
import { call, type Given, type ParamsOf, Problem, type ReplyOf } from './api.ts'
import { toast } from './ui/toasts.tsx'

const RETRIES = 2

export function createQueryClient(queryCache: QueryCache, mutationCache: MutationCache): QueryClient {
  return new QueryClient({
    queryCache,
    mutationCache,
    defaultOptions: {
      queries: {
        staleTime: 20_000,
        gcTime: 5 * 60_000,
        // What the server refused once it refuses again; only a lost line or a busy server is asked anew.
        retry: (failures, error) => failures < RETRIES && error instanceof Problem && (error.status === 0 || error.status >= 500),
      },
    },
  })
}

export function keyOf(endpoint: Endpoint, params?: unknown): readonly unknown[] {
  return params === undefined ? [endpoint.path] : [endpoint.path, params]
}

export function useEndpoint<E extends Endpoint>(
  endpoint: E,
  params: ParamsOf<E>,
  /** `everyMs`: asked again so often while it is looked at, for what no live event tells. */
  options: { readonly enabled?: boolean; readonly keep?: boolean; readonly everyMs?: number } = {},
): UseQueryResult<ReplyOf<E>, Problem> {
  return useQuery<ReplyOf<E>, Problem>({
    queryKey: keyOf(endpoint, params),
    queryFn: ({ signal }) => call(endpoint, { params } as Given<E>, signal),
    enabled: options.enabled ?? true,
    ...(options.keep && { placeholderData: keepPreviousData }),
    ...(options.everyMs && { refetchInterval: options.everyMs }),
  })
}

interface Page {
  readonly items: readonly unknown[]
  readonly next: string | null
}
type ItemOf<E extends Endpoint> = ReplyOf<E> extends { items: ReadonlyArray<infer Item> } ? Item : never

/** A list page by page (keyset): `more()` asks for the next one. */
export function usePages<E extends Endpoint>(
  endpoint: E,
  params: Omit<ParamsOf<E> & object, 'after' | 'limit'>,
  limit = 100,
  /** For what no event tells of: while it says so of what is shown, it is asked for again after so long. */
  againAfterMs: (items: readonly ItemOf<E>[]) => number | false = () => false,
) {
  const query = useInfiniteQuery({
    queryKey: [endpoint.path, 'pages', params],
    queryFn: ({ pageParam, signal }) =>
      call(
        endpoint,
        { params: { ...params, limit, ...(pageParam && { after: pageParam }) } } as Given<E>,
        signal,
      ) as Promise<Page>,
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => againAfterMs((state.data?.pages.flatMap((page) => page.items) ?? []) as readonly ItemOf<E>[]),
  })
  // The same list as long as nothing came: what is drawn from a hundred thousand rows is not made anew with each line of scrolling.
  const { data } = query
  const items = useMemo(() => (data?.pages.flatMap((page) => page.items) ?? []) as readonly ItemOf<E>[], [data])
  return {
    items,
    pages: query.data?.pages.length ?? 0,
    hasMore: query.hasNextPage,
    isPending: query.isPending,
    isFetchingMore: query.isFetchingNextPage,
    isPlaceholder: query.isPlaceholderData,
    error: query.error as Problem | null,
    retry: () => void query.refetch(),
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
    },
  }
}

interface ActionOptions<E extends Endpoint> {
  /** What has to be asked for again; live updates do it too, but not while the line is down. */
  readonly changes?: readonly Endpoint[]
  readonly onDone?: (reply: ReplyOf<E>) => void
  /** Forms show the problem beside the field; everything else as a notice. */
  readonly quiet?: boolean
}

export function useAction<E extends Endpoint>(endpoint: E, { changes = [], onDone, quiet = false }: ActionOptions<E> = {}) {
  const client = useQueryClient()
  const askAgain = () => {
    for (const changed of changes) void client.invalidateQueries({ queryKey: keyOf(changed) })
  }
  return useMutation<ReplyOf<E>, Problem, Given<E>>({
    mutationFn: (given) => call(endpoint, given),
    onSuccess: (reply) => {
      askAgain()
      onDone?.(reply)
    },
    onError: (problem) => {
      // Whoever was too late sees what somebody else made of it.
      if (problem.code === 'changed_meanwhile') askAgain()
      if (!quiet) toast('bad', problem.message)
    },
  })
}

/** For what was changed elsewhere than by an action of the page: has these asked for again. */
export function useAsked(endpoints: readonly Endpoint[]): () => void {
  const client = useQueryClient()
  const paths = endpoints.map(({ path }) => path).join(' ')
  return useCallback(() => {
    for (const path of paths.split(' ')) void client.invalidateQueries({ queryKey: [path] })
  }, [client, paths])
}

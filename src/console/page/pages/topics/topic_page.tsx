export function TopicPage(_: { name: string }) {
  return null;
}

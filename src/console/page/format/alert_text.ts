/** An alert's text without since when it is so and the command that helps, where these are shown apart. */
export function headOf(text: string): string {
  return text.replace(/ Since \d{4}-.*$/s, '');
}

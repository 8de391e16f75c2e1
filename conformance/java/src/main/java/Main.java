import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Scanner;

/**
 * Runs the cases that its argument names and prints an outcome a line, as conformance/support/program.ts describes.
 */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = System.out;

    public static void main(String[] args) throws Exception {
        var cases = new LinkedHashMap<String, Scenario.Case>();
        cases.putAll(AdminCases.ALL);
        cases.putAll(ProduceCases.ALL);
        cases.putAll(PositionCases.ALL);
        cases.putAll(GroupCases.ALL);
        cases.putAll(RefusalCases.ALL);
        cases.put("kill-9", KillCase::run);

        JsonNode order = JSON.readTree(args[0]);
        var answers = new Scanner(System.in);
        for (JsonNode node : order.get("cases")) {
            String name = node.asText();
            String prefix = order.get("prefix").asText() + "-" + name;
            say("start", name);
            try {
                if (!cases.containsKey(name)) throw new IllegalArgumentException("This client has no such case");
                cases.get(name).run(new Scenario(order.get("bootstrap").asText(), prefix, answers));
                say("case", name, "ok", true);
            } catch (Throwable thrown) {
                thrown.printStackTrace();
                say("case", name, "ok", false, "reason", reason(thrown));
            }
        }
        System.exit(0);
    }

    private static String reason(Throwable thrown) {
        return thrown instanceof AssertionError ? thrown.getMessage() : thrown.toString();
    }

    /** Prints one line of pairs of a key and a value. */
    static synchronized void say(Object... pairs) {
        var line = new LinkedHashMap<String, Object>();
        for (int at = 0; at < pairs.length; at += 2) line.put((String) pairs[at], pairs[at + 1]);
        try {
            OUT.println(JSON.writeValueAsString((Map<?, ?>) line));
            OUT.flush();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

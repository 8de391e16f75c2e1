import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command line tools one after the other in this JVM, each by its own main method, so that not each of
 * them pays for the start of a JVM. Reads lines {"tool": CLASS, "args": […], "input": TEXT} from stdin, and answers each
 * with a line {"code": EXIT CODE, "stdout": TEXT, "stderr": TEXT}.
 */
public final class ToolHost {
    /** What the tools' exit is turned into. An Error, so that fewer of them catch it. */
    private static final class Exited extends Error {
        Exited() {
            super("exit", null, false, false);
        }
    }

    /** The code of the first exit: a tool that catches the Error exits once more. */
    private static Integer exitCode;
    private static final List<Runnable> hooks = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        Exit.setExitProcedure((code, message) -> {
            if (exitCode == null) exitCode = code;
            throw new Exited();
        });
        // They are run at the end of the tool instead of the JVM's: the console producer sends what is left in its hook.
        Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
        var json = new ObjectMapper();
        var answers = System.out;
        var orders = new Scanner(System.in);
        while (orders.hasNextLine()) {
            JsonNode order = json.readTree(orders.nextLine());
            var out = new ByteArrayOutputStream();
            var err = new ByteArrayOutputStream();
            int code = run(order, out, err);
            answers.println(json.writeValueAsString(Map.of("code", code, "stdout", text(out), "stderr", text(err))));
            answers.flush();
        }
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static int run(JsonNode order, ByteArrayOutputStream out, ByteArrayOutputStream err) throws Exception {
        var arguments = StreamSupport.stream(order.get("args").spliterator(), false).map(JsonNode::asText).toArray(String[]::new);
        var in = System.in;
        var oldOut = System.out;
        var oldErr = System.err;
        exitCode = null;
        System.setIn(new ByteArrayInputStream(order.get("input").asText().getBytes(StandardCharsets.UTF_8)));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            Class.forName(order.get("tool").asText()).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException thrown) {
            if (!(thrown.getCause() instanceof Exited)) {
                thrown.getCause().printStackTrace();
                return 1;
            }
        } finally {
            hooks.forEach(Runnable::run);
            hooks.clear();
            System.out.flush();
            System.setIn(in);
            System.setOut(oldOut);
            System.setErr(oldErr);
        }
        return exitCode == null ? 0 : exitCode;
    }

    private ToolHost() {}
}

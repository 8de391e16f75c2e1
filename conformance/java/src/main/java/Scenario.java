import java.util.Properties;
import java.util.Scanner;
import java.util.concurrent.Callable;

/** What a case is given. */
record Scenario(String bootstrap, String prefix, Scanner answers) {

    interface Case {
        void run(Scenario scenario) throws Exception;
    }

    /** A name for a topic or group of this case, that no other run uses. */
    String name(String suffix) {
        return prefix + "-" + suffix;
    }

    /** Kills the node with SIGKILL and returns when it is ready again. */
    void restartNode() {
        Main.say("ask", "restart");
        if (!answers.nextLine().equals("restarted")) throw new IllegalStateException("The node did not come back");
    }

    /** Settings for any client: those of pairs of a key and a value. */
    Properties settings(Object... pairs) {
        var settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("client.id", "conformance");
        settings.put("reconnect.backoff.ms", "50");
        settings.put("reconnect.backoff.max.ms", "500");
        for (int at = 0; at < pairs.length; at += 2) settings.put(pairs[at], pairs[at + 1]);
        return settings;
    }

    /** Returns as soon as the condition holds; fails when it still does not after 30 seconds. */
    static void until(String what, Callable<Boolean> condition) throws Exception {
        until(what, 30, condition);
    }

    static void until(String what, int seconds, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) fail("Waited " + seconds + " s in vain for: " + what);
            Thread.sleep(10);
        }
    }

    static void fail(String what) {
        throw new AssertionError(what);
    }

    static void check(String what, boolean holds) {
        if (!holds) fail(what);
    }

    static void equal(String what, Object actual, Object expected) {
        if (!expected.equals(actual)) fail(what + ": expected " + expected + ", got " + actual);
    }

    /** The work fails with this exception, as itself or as the cause of what is thrown. */
    static void refused(Class<? extends Exception> expected, String what, Callable<?> work) {
        try {
            work.call();
        } catch (Exception thrown) {
            for (Throwable at = thrown; at != null; at = at.getCause()) {
                if (expected.isInstance(at)) return;
            }
            throw new AssertionError(what + ": expected " + expected.getSimpleName() + ", got " + thrown, thrown);
        }
        fail(what + ": expected " + expected.getSimpleName() + ", but it was accepted");
    }
}

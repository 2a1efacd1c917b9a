package dev.kausal.bench;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.family.Placement;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.OpenMp;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Torch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Kausal's side of bench/compare.py: opens one model, then reads one task per line of JSON from standard input and
 * answers with one line each: the seconds taken and the numbers.
 */
final class Main {
    private Main() {}

    static final long BUDGET = 3L << 30;

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 3) {
            System.err.println("usage: bench MODEL THREADS wave|plain [FLOAT32|BFLOAT16]");
            System.exit(2);
        }
        OpenMp.observe();
        Thread.sleep(200);
        Torch.threads(Integer.parseInt(arguments[1]));
        Executor executor = arguments[2].equals("plain") ? new PlainExecutor() : new BatchedExecutor(BUDGET);
        long opened = System.nanoTime();
        Precision precision = arguments.length > 3 ? Precision.valueOf(arguments[3]) : Precision.FLOAT32;
        try (ModelSource source = ModelSource.open(Path.of(arguments[0]));
                HookedModel model = source.load(Placement.RESIDENT, precision)) {
            System.out.println("{\"ready\": " + seconds(opened) + "}");
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject order = JsonParser.parseString(line).getAsJsonObject();
                System.out.println(answer(model, executor, order));
            }
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static JsonObject answer(HookedModel model, Executor executor, JsonObject order) {
        List<Work.Pair> pairs = pairs(order.getAsJsonArray("pairs"));
        Work work = new Work(model, layers(model, order));
        SweepPlan plan = plan(work, pairs, order);
        long start = System.nanoTime();
        double[] values = plan != null ? work.values(plan, executor) : other(work, pairs, order);
        JsonObject answer = new JsonObject();
        answer.addProperty("seconds", seconds(start));
        answer.add("values", new Gson().toJsonTree(values));
        if (order.has("products")) {
            Products products = new Products(model, plan, BUDGET);
            answer.addProperty("rowLayers", products.cost().rowLayers());
            answer.addProperty("flops", products.cost().flops());
            answer.addProperty("products", products.seconds());
        }
        return answer;
    }

    private static List<Integer> layers(HookedModel model, JsonObject order) {
        return order.has("layers")
                ? order.getAsJsonArray("layers").asList().stream()
                        .map(JsonElement::getAsInt)
                        .toList()
                : IntStream.range(0, model.config().layers()).boxed().toList();
    }

    /** Returns the sweep of {@code order}; null if it is not one. */
    private static SweepPlan plan(Work work, List<Work.Pair> pairs, JsonObject order) {
        return switch (order.get("work").getAsString()) {
            case "residual" ->
                work.residualPatching(
                        pairs, order.has("stride") ? order.get("stride").getAsInt() : 1);
            case "zero" -> work.zeroHeads(pairs);
            case "head" -> work.headPatching(pairs);
            default -> null;
        };
    }

    private static double[] other(Work work, List<Work.Pair> pairs, JsonObject order) {
        return switch (order.get("work").getAsString()) {
            case "attribution" -> work.attribution(pairs);
            case "forward" -> work.forward(pairs, false);
            case "cached" -> work.forward(pairs.subList(0, 1), true);
            case "edges-ig" -> work.integratedEdges(pairs, order.get("steps").getAsInt());
            case "texts" ->
                work.texts(
                        pairs.get(0).clean(),
                        order.get("tokens").getAsInt(),
                        order.get("variants").getAsInt());
            case "edges-exact" -> work.exactEdges(pairs, order.get("every").getAsInt());
            default -> throw new IllegalArgumentException("unknown work in " + order);
        };
    }

    private static List<Work.Pair> pairs(JsonArray array) {
        List<Work.Pair> pairs = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject pair = element.getAsJsonObject();
            int[] corrupted = pair.has("corrupted") ? ids(pair.getAsJsonArray("corrupted")) : null;
            pairs.add(new Work.Pair(
                    ids(pair.getAsJsonArray("clean")),
                    corrupted,
                    pair.get("answer").getAsInt(),
                    pair.get("foil").getAsInt()));
        }
        return pairs;
    }

    private static int[] ids(JsonArray array) {
        return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    }
}

package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A token drawn from the model's distribution.
 *
 * @param temperature divisor of the logits, greater than 0
 * @param topP probability of the set that tokens are drawn from, in (0, 1]: the fewest tokens, likeliest first, whose
 *     probabilities add up to at least this much (nucleus sampling, Holtzman et al. 2020)
 */
public record Sampled(double temperature, double topP) implements TokenChoice {
    public Sampled {
        if (!(temperature > 0) || !(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("temperature " + temperature + ", top p " + topP);
        }
    }

    @Override
    public List<Chosen> choose(NDArray logits, List<SplittableRandom> streams) {
        float[] all = logits.toFloatArray();
        int width = all.length / streams.size();
        return IntStream.range(0, streams.size())
                .parallel()
                .mapToObj(text -> one(
                        Arrays.copyOfRange(all, text * width, (text + 1) * width),
                        streams.get(text).nextDouble()))
                .toList();
    }

    private Chosen one(float[] logits, double uniform) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            // NaN, unlike infinity, must not be hidden by larger logits.
            largest = Float.isNaN(logit) ? Double.NaN : Math.max(largest, logit);
        }
        double[] weights = new double[logits.length];
        double total = 0;
        double plain = 0;
        for (int token = 0; token < weights.length; token++) {
            double below = logits[token] - largest;
            weights[token] = Math.exp(below / temperature);
            total += weights[token];
            plain += temperature == 1 ? weights[token] : Math.exp(below);
        }
        int token = topP < 1 ? ofNucleus(weights, total, uniform) : drawn(weights, total, uniform);
        return new Chosen(token, logits[token] - largest - Math.log(plain));
    }

    private static int drawn(double[] weights, double total, double uniform) {
        double left = uniform * total;
        int last = 0;
        for (int token = 0; token < weights.length; token++) {
            if (weights[token] > 0) {
                last = token;
                left -= weights[token];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    private int ofNucleus(double[] weights, double total, double uniform) {
        // All tokens below this weight together are less likely than what the nucleus leaves out.
        double least = (1 - topP) * total / weights.length;
        int[] likeliest = IntStream.range(0, weights.length)
                .filter(token -> weights[token] >= least)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer token) -> -weights[token]))
                .mapToInt(Integer::intValue)
                .toArray();
        double within = 0;
        int count = 0;
        while (count < likeliest.length && within < topP * total) {
            within += weights[likeliest[count++]];
        }
        double left = uniform * within;
        for (int i = 0; i < count; i++) {
            left -= weights[likeliest[i]];
            if (left < 0) {
                return likeliest[i];
            }
        }
        return likeliest[Math.max(0, count - 1)];
    }
}

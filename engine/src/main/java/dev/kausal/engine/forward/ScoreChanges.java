package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.rows.RowLayout;
import java.util.List;

/**
 * Changes of attention scores by changes of queries or keys: scores are linear in either, as long as no soft cap bends
 * them and no distance term multiplies queries or keys. Arrays belong to the open NDScope.
 */
public final class ScoreChanges {
    private static final List<HookKind> QUERIES = List.of(HookKind.Q, HookKind.Q_NORMED, HookKind.ROT_Q);
    private static final List<HookKind> KEYS = List.of(HookKind.K, HookKind.K_NORMED, HookKind.ROT_K);

    private final ModelConfig config;
    private final Positions positions;

    /** Creates the changes of a model that they {@link #fit}. */
    public ScoreChanges(ModelConfig config) {
        this.config = config;
        this.positions = new Positions(config);
    }

    /** Returns whether a point holds queries or keys. */
    public static boolean at(HookPoint point) {
        return QUERIES.contains(point.kind()) || KEYS.contains(point.kind());
    }

    /** Returns whether scores of a model are linear in what a point holds. */
    public static boolean fit(ModelConfig config, HookPoint point) {
        boolean beforeNorm = point.kind() == HookKind.Q || point.kind() == HookKind.K;
        return at(point)
                && config.attention().softCap() == 0
                && config.attention().relative().terms() == 0
                && !(beforeNorm && config.attention().headNorm() != AttentionConfig.HeadNorm.NONE);
    }

    /** Returns the point with the other factor of the scores: final keys for queries, and vice versa. */
    public HookKind other(HookPoint point) {
        boolean normed = config.attention().headNorm() != AttentionConfig.HeadNorm.NONE;
        if (QUERIES.contains(point.kind())) {
            return config.rotary() ? HookKind.ROT_K : normed ? HookKind.K_NORMED : HookKind.K;
        }
        return config.rotary() ? HookKind.ROT_Q : normed ? HookKind.Q_NORMED : HookKind.Q;
    }

    /**
     * Returns the change of scores.
     *
     * @param change of what {@code point} holds [1, position, head, d_head]
     * @param other what the {@link #other} point holds
     * @param layout rows of the one input
     * @return [1, head, query, key]
     */
    public NDArray of(HookPoint point, NDArray change, NDArray other, RowLayout layout, NDManager local) {
        NDArray last = rotated(point, change, layout, local);
        boolean ofQueries = QUERIES.contains(point.kind());
        NDArray queries = byHead(ofQueries ? last : other.squeeze(0), 1);
        NDArray keys = byHead(ofQueries ? other.squeeze(0) : last, config.groupSize());
        float scale = (float) config.attention().scale();
        return queries.matMul(keys.swapAxes(1, 2)).mul(scale).expandDims(0);
    }

    /** Returns what a change becomes by rotation, which is linear [position, head, d_head]. */
    private NDArray rotated(HookPoint point, NDArray change, RowLayout layout, NDManager local) {
        NDArray rows = change.squeeze(0);
        boolean turned = point.kind() == HookKind.ROT_Q || point.kind() == HookKind.ROT_K;
        Rotary rotary = turned || !config.rotary() ? null : positions.rotary(point.layer());
        return rotary == null ? rows : rotary.rotate(rows, rotary.angles(layout, local));
    }

    /** Returns [head, position, d_head] of rows, each key-value head once for every head that reads it. */
    private static NDArray byHead(NDArray rows, int times) {
        NDArray first = rows.transpose(1, 0, 2);
        return times == 1 ? first : first.repeat(0, times);
    }
}

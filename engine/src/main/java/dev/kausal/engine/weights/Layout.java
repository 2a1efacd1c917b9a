package dev.kausal.engine.weights;

import java.util.Comparator;
import java.util.List;

/** Checks of tensors' places that both file formats share. */
final class Layout {
    private Layout() {}

    /** A tensor and the end (exclusive) of its bytes. */
    record Placed(Region region, long end) {}

    /** Elements of {@code info}, whose axes must not be negative nor their product overflow. */
    static long size(Region region) {
        for (long axis : region.info().shape()) {
            if (axis < 0) {
                throw region.corrupt(
                        "no negative axis", "shape " + region.info().shape());
            }
        }
        try {
            return region.info().size();
        } catch (ArithmeticException e) {
            throw region.corrupt(
                    "fewer than 2^63 elements", "shape " + region.info().shape());
        }
    }

    /** In order of place; no two may share bytes. */
    static List<Placed> withoutOverlap(List<Placed> placed) {
        List<Placed> sorted = placed.stream()
                .sorted(Comparator.comparingLong((Placed one) -> one.region().offset())
                        .thenComparingLong(Placed::end))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            Placed before = sorted.get(i - 1);
            Region next = sorted.get(i).region();
            if (next.offset() < before.end()) {
                throw next.corrupt(
                        "bytes of its own, from " + before.end(),
                        "bytes from " + next.offset() + " that overlap "
                                + before.region().where());
            }
        }
        return sorted;
    }
}

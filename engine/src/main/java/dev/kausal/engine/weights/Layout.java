package dev.kausal.engine.weights;

import java.util.Comparator;
import java.util.List;

/** Checks of tensor regions shared by both file formats. */
final class Layout {
    private Layout() {}

    /** A tensor and the (exclusive) end of its bytes. */
    record Placed(Region region, long end) {}

    /** Returns the number of elements, whose axes must not be negative nor their product overflow. */
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

    /** Returns regions in file order, checked not to overlap. */
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

package dev.kausal.engine.names;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNamesTest {
    private static final List<String> KNOWN = List.of("sycophancy", "fact-recall", "induction");

    @Test
    void theFewestEditsComeFirst() {
        // Edits: 1, 2 and 3.
        List<String> known = List.of("sitting", "mitten", "smitten");
        assertEquals(List.of("mitten", "smitten", "sitting"), NearestNames.of("kitten", known, 3));
        assertEquals(List.of("fact-recall"), NearestNames.of("fatc-recal", KNOWN, 1));
    }

    @Test
    void equalDistancesKeepTheirOrder() {
        assertEquals(List.of("b", "a"), NearestNames.of("x", List.of("b", "a"), 2));
    }

    @Test
    void aTellingPartOfANameIsThatName() {
        assertEquals(Optional.of("fact-recall"), NearestNames.meant("recall", KNOWN));
        assertEquals(
                List.of("smollm2-135m-q4"), NearestNames.of("smollm2", List.of("minilm-l6", "smollm2-135m-q4"), 1));
        assertEquals(Optional.empty(), NearestNames.meant("fa", KNOWN));
    }

    @Test
    void caseDoesNotCount() {
        assertEquals(Optional.of("induction"), NearestNames.meant("INDUCTION", KNOWN));
    }

    @Test
    void aNameMeantNeedsHalfOfItsLetters() {
        assertEquals(Optional.of("abcd"), NearestNames.meant("abxx", List.of("abcd")));
        assertEquals(Optional.empty(), NearestNames.meant("axxx", List.of("abcd")));
        assertEquals(Optional.empty(), NearestNames.meant("zzz", KNOWN));
        assertEquals(Optional.empty(), NearestNames.meant("zzz", List.of()));
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Property lists as Info.plist has them, and files that are none. */
#include "../quick_check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <property_list.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">"

static char error[PROPERTY_ERROR_BYTES];

static struct property *
parse(const char *text)
{
    return property_list_parse(text, strlen(text), error);
}

START_TEST(a_string_is_found_by_its_key)
{
    struct property *list = parse(HEAD "<dict><key>A</key><string>x &amp; y</string>"
                                       "<key>B</key><integer>5</integer><key>C</key><true/>"
                                       "<key>D</key><string/></dict></plist>");

    ck_assert_ptr_nonnull(list);
    ck_assert_str_eq(property_string(list, "A"), "x & y");
    ck_assert_str_eq(property_string(list, "D"), "");
    ck_assert_ptr_null(property_string(list, "B"));
    ck_assert_ptr_null(property_string(list, "C"));
    ck_assert_ptr_null(property_string(list, "E"));
    property_list_free(list);
}
END_TEST

START_TEST(dictionaries_keep_their_order_and_the_last_of_a_key_counts)
{
    struct property *list =
        parse(HEAD "<dict><key>L</key><dict><key>b</key><string>1</string><key>a</key><string>2</string>"
                   "<key>b</key><string>3</string></dict></dict></plist>");
    const struct property *inner = property_find(list, "L", PROPERTY_DICTIONARY);

    ck_assert_ptr_nonnull(inner);
    ck_assert_str_eq(inner->first->key, "b");
    ck_assert_str_eq(inner->first->next->key, "a");
    ck_assert_str_eq(property_string(inner, "b"), "3");
    ck_assert_ptr_null(property_find(list, "L", PROPERTY_STRING));
    property_list_free(list);
}
END_TEST

START_TEST(what_is_no_property_list_is_refused_with_its_line)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "no element found"},
        {"bplist00", "syntax error"},
        {"<html/>", "is not a property list (line 1)"},
        {HEAD "</plist>", "has no value"},
        {HEAD "<dict><key>A</key></dict></plist>", "has a key without a value (line 2)"},
        {HEAD "<dict><string>A</string></dict></plist>", "has a value where none can be"},
        {HEAD "<dict><key>A</key><key>B</key></dict></plist>", "no property list has"},
        {HEAD "<dict><key><string/></key></dict></plist>", "has an element inside a text"},
        {HEAD "<array><key>A</key></array></plist>", "no property list has"},
        {HEAD "<string>a</string><string>b</string></plist>", "has a value where none can be"},
        {HEAD "<blink/></plist>", "no property list has"},
        {HEAD "<dict>", "no element found"},
        {"<!DOCTYPE plist [<!ENTITY a \"aaaa\">]><plist><string>&a;</string></plist>", "declares entities"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_ptr_null(parse(rows[i].text));
        ck_assert_msg(strstr(error, rows[i].why) != NULL, "%s: %s", rows[i].text, error);
    }
}
END_TEST

START_TEST(depth_and_size_have_limits)
{
    char text[PROPERTY_DEPTH * 8 + 64] = HEAD;
    char *large = calloc(1, PROPERTY_BYTES + 2);

    for (int i = 0; i < PROPERTY_DEPTH; i++)
        strcat(text, "<array>");
    ck_assert_ptr_null(parse(text));
    ck_assert_ptr_nonnull(strstr(error, "nests too deep"));
    memset(large, ' ', PROPERTY_BYTES + 1);
    ck_assert_ptr_null(parse(large));
    ck_assert_ptr_nonnull(strstr(error, "is larger than"));
    free(large);
}
END_TEST

START_TEST(damage_is_refused_or_read_and_no_more)
{
    static const char good[] = HEAD "<dict><key>CFBundleIdentifier</key><string>a.b</string><key>L</key><dict>"
                                    "<key>com.apple.kpi.bsd</key><string>8.0</string></dict><key>P</key><array>"
                                    "<integer>1</integer><true/><data>AA==</data></array></dict></plist>";
    unsigned state = 7, refused = 0;

    for (int i = 0; i < 5000; i++) {
        char text[sizeof(good)];
        struct property *list;

        memcpy(text, good, sizeof(good));
        for (int change = 0; change < 1 + i % 3; change++) {
            state = state * 1664525u + 1013904223u;
            text[(state >> 8) % (sizeof(text) - 1)] = "<>/&;\"x"[(state >> 4) % 7];
        }
        list = property_list_parse(text, sizeof(text) - 1, error);
        refused += list == NULL;
        property_list_free(list);
    }
    ck_assert_uint_gt(refused, 2500);
    ck_assert_uint_lt(refused, 5000);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("userland: property lists");
    TCase *tcase = tcase_create("property lists");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, a_string_is_found_by_its_key);
    tcase_add_test(tcase, dictionaries_keep_their_order_and_the_last_of_a_key_counts);
    tcase_add_test(tcase, what_is_no_property_list_is_refused_with_its_line);
    tcase_add_test(tcase, depth_and_size_have_limits);
    tcase_add_test(tcase, damage_is_refused_or_read_and_no_more);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

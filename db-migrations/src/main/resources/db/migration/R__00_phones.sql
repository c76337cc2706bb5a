-- Functions that decide whether two spellings of a phone number mean the same number. They are pure. The
-- receiver's libphonenumber reads the text that people write.

-- The last eight digits: the same for all spellings of a number, with and without country code, area code or
-- the mobile prefixes of Brazil, Mexico and Argentina. They only find candidates. Null for less than eight
-- digits.
CREATE OR REPLACE FUNCTION profile_pic.phone_suffix(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(regexp_replace(phone, '[^0-9]', '', 'g') FROM '.{8}$');

-- The digits of a phone in a person's spelling.
CREATE OR REPLACE FUNCTION profile_pic.phone_digits(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(phone, '[^0-9]', '', 'g');

-- One key for all variants of a number in international digits. It leaves out Brazil's ninth digit (55 62 [9]
-- 9921 2484; only where the number had eight digits before the ninth was introduced), Mexico's 1 (52 [1] 55
-- 1234 5678) and Argentina's 9 (54 [9] 11 2233 4455).
CREATE OR REPLACE FUNCTION profile_pic.phone_key(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN phone ~ '^55[1-9][1-9]9[6-9][0-9]{7}$' THEN left(phone, 4) || right(phone, 8)
  WHEN phone ~ '^521[0-9]{10}$' THEN '52' || right(phone, 10)
  WHEN phone ~ '^549[0-9]{10}$' THEN '54' || right(phone, 10)
  ELSE phone END;

-- Whether two spellings of a phone mean one number: they are equal apart from those digits, or one is the
-- other without its country code.
CREATE OR REPLACE FUNCTION profile_pic.same_phone(one text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN one = other OR (
  profile_pic.phone_suffix(one) = profile_pic.phone_suffix(other) AND (
    profile_pic.phone_key(profile_pic.phone_digits(one))
      = profile_pic.phone_key(profile_pic.phone_digits(other))
    OR profile_pic.phone_digits(one) LIKE '%' || profile_pic.phone_digits(other)
    OR profile_pic.phone_digits(other) LIKE '%' || profile_pic.phone_digits(one)
    OR profile_pic.phone_key(profile_pic.phone_digits(one)) LIKE '%' || profile_pic.phone_digits(other)
    OR profile_pic.phone_key(profile_pic.phone_digits(other)) LIKE '%' || profile_pic.phone_digits(one)));

-- Whether a phone is one of these numbers, in any spelling.
CREATE OR REPLACE FUNCTION profile_pic.is_among(phone text, numbers text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  number text;
BEGIN
  FOREACH number IN ARRAY numbers LOOP
    -- Most numbers are different, and their last digits show it.
    IF right(phone, 4) = right(number, 4) OR phone ~ '[^0-9]' OR number ~ '[^0-9]' THEN
      IF coalesce(profile_pic.same_phone(phone, number), false) THEN
        RETURN true;
      END IF;
    END IF;
  END LOOP;
  RETURN false;
END
$$;

-- The digits of these numbers with and without the digits that phone_key leaves out. Only whole numbers are
-- taken: a longer row of digits does not contain one by chance.
CREATE OR REPLACE FUNCTION profile_pic.spellings(numbers text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT s.digits), '{}')
  FROM (SELECT profile_pic.phone_digits(n.number) AS digits FROM unnest(numbers) AS n (number)) AS w
  CROSS JOIN LATERAL (SELECT profile_pic.phone_key(w.digits) AS key) AS k
  CROSS JOIN LATERAL (VALUES (w.digits), (k.key),
    (CASE WHEN k.key ~ '^55[1-9][1-9][6-9][0-9]{7}$'
            THEN left(k.key, 4) || '9' || right(k.key, 8) END)) AS s (digits)
  WHERE length(s.digits) >= 11
$$;

-- Whether a text contains one of these phones, in any spelling, or one of these LIDs.
CREATE OR REPLACE FUNCTION profile_pic.mentions(written text, numbers text[], lids text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  run_together text := translate(written, ' ()-./+', '');
  number       text;
  lid          text;
BEGIN
  FOREACH lid IN ARRAY lids LOOP
    IF position(lid IN written) > 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  FOREACH number IN ARRAY numbers LOOP
    IF position(profile_pic.phone_suffix(number) IN run_together) > 0 THEN
      -- A phone may stand in a row with other figures, such as a time behind it.
      RETURN EXISTS (
        SELECT FROM regexp_matches(written, '[0-9][0-9 ()./+-]{6,40}', 'g') AS m (found)
        WHERE profile_pic.is_among(m.found[1], numbers)
          OR EXISTS (
            SELECT FROM unnest(profile_pic.spellings(numbers)) AS s (digits)
            WHERE position(s.digits IN profile_pic.phone_digits(m.found[1])) > 0));
    END IF;
  END LOOP;
  RETURN false;
END
$$;

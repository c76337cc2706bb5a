-- Links to one lead's photo can be revoked: they carry the generation that they were made for, and only the lead's present one is served.
ALTER TABLE profile_pic.pictures ADD COLUMN link_generation integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN profile_pic.pictures.link_generation IS 'Rises when all links to the photo are revoked; links of another generation show nothing';
